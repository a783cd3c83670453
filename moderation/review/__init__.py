"""Staff decide: claims, verdicts, undo, escalation, QA, and bulk decisions."""
