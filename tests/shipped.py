"""The data files that ship with mxdrill, as tests pass them on."""

from sim.kernel.data_files import shipped_data_files

FILES = shipped_data_files()
