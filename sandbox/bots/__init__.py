"""The Bot API side of the sandbox: small, but strict where clients rely on it."""
