"""The id of every job that exists at most once: its name and what it works on."""


def analyze_session(session_id: str) -> str:
    """The job that analyses a coach's session."""
    return f"analyze_session-{session_id}"


def sync_corrections(session_id: str) -> str:
    """The job that copies a session's corrections to Label Studio."""
    return f"sync_corrections-{session_id}"


def delete_session(session_id: str) -> str:
    """The job that deletes a session."""
    return f"delete_session-{session_id}"


def render_clip(session_id: str, target: str, digest: str) -> str:
    """The job that renders one clip of a session; `digest` names what the clip shows."""
    return f"render_clip-{session_id}-{target}-{digest}"


def ingest_video(video_id: str) -> str:
    """The job that makes tasks of a video's frames."""
    return f"ingest_video-{video_id}"


def assess_labels(project_id: int) -> str:
    """The job that assesses a project's labels."""
    return f"assess_labels-{int(project_id)}"


def notify(key: str) -> str:
    """The job that sends one notification; `key` names what happened."""
    return f"notify-{key}"
