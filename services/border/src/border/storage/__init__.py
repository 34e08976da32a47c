"""What border keeps: announcements, crew lists, permits, the watch list, and the lists it goes by."""
