"""The AudioPod API: one client, one small file a service, every answer classified where it is known."""
