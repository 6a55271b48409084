"""Who brings work to this host: one file for each queue that Earmark can stand on."""
