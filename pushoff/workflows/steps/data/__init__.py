"""From labels and videos to what heads are fitted and judged on."""
