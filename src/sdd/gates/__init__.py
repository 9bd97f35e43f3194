"""Gates: the policy, approvals and their signatures, what they are worth now, and the judgement of changes."""
