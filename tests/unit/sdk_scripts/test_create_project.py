"""What `pushoff project create` refuses before anything is made."""


def test_questions_about_single_frames_are_not_asked_of_whole_videos(pushoff):
    """A timeline asks for the foot anyway, and that is said."""
    said = pushoff("project", "create", "--timeline", "--foot")
    assert said.code == 1
    assert "--foot cannot be combined with --timeline" in said.err
