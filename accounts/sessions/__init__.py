"""Sessions: how long they live, who has which, and their end."""
