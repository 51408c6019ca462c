"""What people may read and agree to: privacy, terms, cookies."""
