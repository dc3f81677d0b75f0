"""Reading a project's label config: which of the two kinds of interface it is."""

from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from pushoff.errors import BadInput, LabelConfigWrong
from pushoff.studio.config.frames import FrameInterface, frame_interface
from pushoff.studio.config.timeline import TimelineInterface, timeline_interface

LIMIT_CHARACTERS = 1_000_000
"""Longest label config that is parsed."""

Interface = FrameInterface | TimelineInterface
"""A project labels single frames or whole videos."""


def parse_label_config(xml: object) -> Interface:
    """The first Choices over an Image that offers both labels, else TimelineLabels over a Video.

    A label is recognised by its value, alias or predicted_values, whatever its case, spaces,
    dashes and underscores. Raises LabelConfigWrong, also for entities and DTDs.
    """
    root = parse_xml(xml)
    interface = frame_interface(root) or timeline_interface(root)
    if interface is None:
        raise LabelConfigWrong(
            "The label config has no <Choices> over an <Image> with the choices push_off and "
            "not_push_off, and no <TimelineLabels> over a <Video> with the label push_off.",
            remedy="Add one of them in Label Studio: Settings > Labeling Interface.",
        )
    return interface


def require_frame_interface(interface: Interface) -> FrameInterface:
    """The interface of a project that labels single frames. Raises BadInput for any other."""
    if isinstance(interface, FrameInterface):
        return interface
    raise BadInput(
        "This project labels whole videos, not single frames.",
        code="labels_videos",
        remedy="Name another project with --project, or create one with `pushoff project create`.",
    )


def parse_xml(xml: object) -> Element:
    """The root of a label config. Raises LabelConfigWrong, also for entities and DTDs."""
    if not isinstance(xml, str):
        raise LabelConfigWrong("The label config is not a text")
    if len(xml) > LIMIT_CHARACTERS:
        raise LabelConfigWrong(f"The label config has more than {LIMIT_CHARACTERS:,} characters")
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        raise LabelConfigWrong(
            "The label config has a DTD or entities.", remedy="Remove them."
        ) from None
    except (ParseError, ValueError) as error:
        raise LabelConfigWrong(f"The label config is not XML: {error}") from None
    return root
