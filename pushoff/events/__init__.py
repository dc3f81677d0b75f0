"""Push-off events: spotting, exercises, distances and the report. Imports only numpy."""
