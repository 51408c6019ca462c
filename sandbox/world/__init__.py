"""What exists in the sandbox: channels, posts, accounts, the clock, and how numbers grow."""
