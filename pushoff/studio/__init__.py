"""Door to Label Studio: projects, tasks, images, exports and predictions."""
