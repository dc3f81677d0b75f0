"""An assessment as the worker makes it, for tests that show or keep one."""

from pushoff.active.label_quality.agreement import Agreement, PairAgreement
from pushoff.active.label_quality.assessment import CurvePoint, LabelQualityReport, SuspectedTask
from pushoff.active.label_quality.automation_bias import Answers, AutomationBias
from pushoff.active.label_quality.bootstrap import Estimate
from pushoff.active.label_quality.stopping import StopHint


def assessment(**changes: object) -> LabelQualityReport:
    """Two annotators, three suspects, a curve of five points."""
    values = {
        "project_id": 7,
        "at": "2026-11-26T02:31:00+00:00",
        "export_sha256": "a" * 64,
        "labels": 310,
        "push_offs": 90,
        "accepted": 120,
        "videos": 9,
        "agreement": Agreement(
            2,
            40,
            Estimate(0.81, 0.7, 0.9),
            (PairAgreement((1, 2), 40, 0.9, Estimate(0.8, 0.68, 0.9)),),
        ),
        "bias": AutomationBias(
            Answers(250, Estimate(0.92, 0.88, 0.95), Estimate(1.4, 1.2, 1.7)),
            Answers(40, Estimate(0.8, 0.7, 0.88), Estimate(2.6, 2.1, 3.0)),
            Estimate(0.12, 0.03, 0.2),
            Estimate(1.2, 0.6, 1.6),
        ),
        "suspects": tuple(
            SuspectedTask(task_id, "push_off", 0.99 - task_id / 100, "Labelled push_off.", "noon")
            for task_id in (3, 5, 8)
        ),
        "suspected": 3,
        "reviewed": (2,),
        "skipped_reason": "",
        "curve": tuple(
            CurvePoint(labels, Estimate(f1, f1 - 0.05, f1 + 0.04))
            for labels, f1 in ((50, 0.5), (71, 0.58), (100, 0.63), (141, 0.66), (200, 0.68))
        ),
        "gain": Estimate(0.012, 0.002, 0.03),
        "hint": StopHint(
            False, "Another 100 labels are expected to raise F1 by 0.012. Continue labelling."
        ),
        "footage": "synthetic",
    }
    return LabelQualityReport(**(values | changes))
