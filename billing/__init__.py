"""What a workspace may do: plans and their limits. The rooms above count their own use."""
