"""Many runs of one plan, and exact statistics over them: how surely each promise holds, and why not."""
