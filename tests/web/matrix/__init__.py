"""The authorization matrix: every route, every kind of caller, every relation to the record.

``callers``  who there is, as a table           ``stage``  the same people in a real database
``doors``    how each route is called           ``law``    what the policy table says of a cell

What a cell should come to is worked out from the access table alone; the application is asked only
afterwards, over HTTP. Whoever adds a route adds to ``doors`` what its body is, and to ``records``
how the record is made that a new path parameter names; the test says which of the two is missing.
"""
