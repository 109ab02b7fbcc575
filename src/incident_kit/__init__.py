"""Incident analysis for the engineer on call: access logs and traces in, onset, cause and postmortem out."""
