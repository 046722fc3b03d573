"""What commands and jobs share about running matters: definitions, one step of the kernel, rows, history."""
