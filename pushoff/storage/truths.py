"""The known push-offs of stored clips, which every data set learns from.

`pushoff train --clips` brings them in. They are stored in the video's own folder, and deleted with
it.
"""

from dataclasses import asdict

from pydantic import TypeAdapter

from pushoff.events.ground_truth import GroundTruth
from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record
from pushoff.storage.videos import video_folder
from pushoff.util.ids import is_id

FORMAT = 2
_NAME = "truth.json"
_TRUTH = TypeAdapter(GroundTruth)


def save_truth(storage: Storage, video_id: str, truth: GroundTruth) -> None:
    """Replace what is known of the video. Raises Unsafe, StorageFailed."""
    write_record(storage, f"{video_folder(video_id)}/{_NAME}", FORMAT, asdict(truth))


def load_truths(storage: Storage) -> dict[str, GroundTruth]:
    """Every stored truth, by video id. Raises StorageFailed for one that cannot be read."""
    truths = {}
    for key in storage.list("videos"):
        _, video_id, name = (*key.split("/"), "", "")[:3]
        if name == _NAME and is_id(video_id):
            truths[video_id] = read_record(
                storage, key, FORMAT, _TRUTH, "Run `pushoff train --clips` again."
            )
    return truths
