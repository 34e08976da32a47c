"""The one-machine stack: a district as processes under one state folder."""
