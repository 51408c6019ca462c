"""What we keep about a person: telling all of it, and forgetting it."""
