"""Checked sessions teach the model: heads fitted on everything stored, with Label Studio or not."""

import logging

from pushoff.coach.review.checks import mark_learnt, unlearnt
from pushoff.errors import NotEnough, Superseded
from pushoff.services import Services
from pushoff.util.timestamps import now
from pushoff.workflows.results import TrainingOutcome
from pushoff.workflows.steps.champion import load_champion
from pushoff.workflows.steps.request_analyses import request_analyses
from pushoff.workflows.steps.request_publishes import request_publishes
from pushoff.workflows.train_model import fit_stored

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often one job fits because another version was promoted meanwhile."""


def learn_from_sessions(services: Services, reason: str) -> TrainingOutcome:
    """Fit heads on the sessions as they are checked now, and on all other labels; decide.

    Labels of Label Studio are those of the last data set. Too few labels are an outcome, not a
    failure. Safe to run twice, and to be killed at any line: sessions count as learnt only once
    the decision is taken. Raises ModelRefused, Superseded when other versions were promoted again
    and again, and Upstream errors, after which the job is tried again.
    """
    for attempt in range(1, ATTEMPTS + 1):
        began, sessions = now(), unlearnt(services.database)
        try:
            outcome = fit_stored(
                services,
                load_champion(services),
                on_progress=services.queue.jobs.report,
                again=False,
            )
            break
        except NotEnough as error:
            outcome = TrainingOutcome(decision=str(error))
            break
        except Superseded as error:
            log.info("learning from sessions begins again: %s", error)
            if attempt == ATTEMPTS:
                raise
    if outcome.promoted:
        request_publishes(services, f"{outcome.version} promoted")
        request_analyses(services)
    mark_learnt(services.database, sessions, began)
    log.info("%s: %s", reason, outcome.decision)
    return outcome
