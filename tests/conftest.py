"""Settings of the whole test suite."""

from hypothesis import settings

# A first call compiles kernels: its duration says nothing.
settings.register_profile("encours", deadline=None)
settings.load_profile("encours")
