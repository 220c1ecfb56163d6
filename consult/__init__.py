"""The policy: plans, wijkraadplegingen, decisions, vouchers. It uses the voting machine, never the reverse."""
