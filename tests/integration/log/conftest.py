from tests.support.patience import patient as patient
