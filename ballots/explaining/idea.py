"""PURE. The idea of Equal Shares in sentences that hold before the vote and after the count.

Who prepares a ballot, who votes and who reads the result or the report all get these words, so that
nobody has to see that two tellings mean the same.
"""

from ballots.counting.equal_shares import Utility
from ballots.words import N_

TOGETHER = N_(
    "Een plan wordt gekozen als de mensen die erop stemden het samen kunnen betalen: elk evenveel,"
    " uit het eigen deel."
)
# How often a plan was chosen is not all that counts: it is the first thing people stumble over.
NOT_ONLY_VOTES = N_(
    "De meeste stemmen zijn niet altijd genoeg. Weinig mensen kunnen samen een goedkoop plan betalen;"
    " voor een duur plan zijn er veel nodig."
)
TURN = {
    Utility.COST: N_(
        "De plannen komen één voor één aan de beurt. Steeds is dat het plan waarvan ieder het kleinste deel"
        " van de kosten hoeft te betalen: vaak het plan met de meeste stemmen."
    ),
    Utility.NUMBER: N_(
        "De plannen komen één voor één aan de beurt. Steeds is dat het plan waarvoor ieder het minst"
        " hoeft te betalen."
    ),
}
