"""The service under a limit of descriptors, which is in DESCRIPTORS: the soft one and the hard one."""

import os
import resource
import sys

from app import __main__ as command

if __name__ == "__main__":
    soft, hard = map(int, os.environ["DESCRIPTORS"].split(","))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    sys.exit(command.main(sys.argv[1:]))
