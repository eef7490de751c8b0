from tests.support.told import told as told
