"""The policy: plans, wijkraadplegingen, decisions, vouchers. It uses the voting machine and never the other way round."""
