"""PURE. The idea of Equal Shares in sentences that hold before the vote and after the count.

Who prepares a ballot, who votes and who reads the result or the report all get these words, so that
nobody has to see that two tellings mean the same.
"""

from ballots.counting.equal_shares import Utility
from ballots.words import N_

TOGETHER = N_(
    "De plannen komen één voor één aan de beurt. Een plan wordt gekozen als de mensen die erop stemden het"
    " dan samen kunnen betalen: ieder evenveel, of wat die nog over heeft. Wie meebetaalt aan een plan,"
    " heeft minder over voor het volgende."
)
# How often a plan was chosen is not all that counts: it is the first thing people stumble over.
NOT_ONLY_VOTES = N_(
    "De meeste stemmen zijn niet altijd genoeg. Weinig mensen kunnen samen een goedkoop plan betalen;"
    " voor een duur plan zijn er veel nodig."
)
TURN = {
    Utility.COST: N_(
        "Steeds is het plan aan de beurt waarvan ieder het kleinste stuk van de kosten hoeft te betalen: vaak"
        " het plan met de meeste stemmen. Kan niet iedereen evenveel betalen, dan betalen de anderen meer."
        " Zo'n plan komt later aan de beurt."
    ),
    Utility.NUMBER: N_("Steeds is het plan aan de beurt waarvoor ieder het minst hoeft te betalen."),
}
