from tests.support.patience import patient as patient
from tests.support.told import told as told
