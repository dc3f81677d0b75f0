"""Notifications: one sentence and a link, by mail or to a webhook."""
