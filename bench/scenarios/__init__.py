"""What is measured: one file a scenario. Each is a function from a `Bench` to its figures, as JSON has them."""
