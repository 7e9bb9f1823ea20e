"""One step for each verb: dispatch, compose, deliver, follow up, acknowledge, list for the desk."""
