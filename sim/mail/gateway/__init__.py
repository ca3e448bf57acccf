"""The cloud gateway and its backup: processing, delivery queues, monitors."""
