"""Facts as they would be, had something gone otherwise."""
