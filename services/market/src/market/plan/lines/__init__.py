"""Plan lines: proposals for a territorial plan, which the planning service accepts or rejects."""
