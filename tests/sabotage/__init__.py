"""Guards of the product taken away one at a time: the one test that is named must go red."""
