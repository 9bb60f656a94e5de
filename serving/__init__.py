"""How it is asked: the BentoML service, the limit engine's API and the underwriter's workbench."""

from features.quiet import hush

hush()
