"""The comparison of minitorch with torch: cases, generic checks, and the error budget. ``python -m parity`` prints it.

See `parity.case` for how to add a case.
"""

from parity.call import Call as Call
from parity.case import CASES as CASES
from parity.case import Case as Case
from parity.case import case as case
from parity.case import select as select
from parity.draw import Draw as Draw
