"""Second factors: apps that make codes, passkeys and keys, recovery codes, codes by Telegram; and who must have one."""
