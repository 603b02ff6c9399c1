"""The benchmark: what one delivery costs, against the kernel's own price and against others. Loopback alone."""
