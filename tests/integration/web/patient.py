"""An antrean command that waits longer for its log and its databases than in life: `patient.py COMMAND…`.

For servers of tests that are not about how fast this machine is: one that stands still for seconds is no 503.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from antrean import main
from server.web import callers, jobs, kept
from tests.support.patience import LONG, wait_long

if __name__ == "__main__":
    wait_long()
    callers.ANSWERS_WITHIN = kept.WITHIN = jobs.REPLY_WITHIN = LONG
    main(sys.argv[1:], prog_name="antrean")
