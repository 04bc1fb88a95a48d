from . import binary_copy
