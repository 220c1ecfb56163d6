"""PURE. The idea of Equal Shares in sentences that hold before the vote and after the count.

Who prepares a ballot, who votes and who reads the result or the report all get these words, so that
nobody has to see that two tellings mean the same.
"""

from ballots.counting.equal_shares import Utility
from ballots.words import N_

TOGETHER = N_(
    "De plannen komen één voor één aan de beurt. Een plan wordt gekozen als de mensen die erop stemden het"
    " dan samen kunnen betalen. Ieder betaalt evenveel. Wie minder over heeft, betaalt wat er nog is; de anderen"
    " betalen dan wat meer. Wie meebetaalt aan een plan, heeft minder over voor het volgende."
)
# How often a plan was chosen is not all that counts: it is the first thing people stumble over.
NOT_ONLY_VOTES = N_(
    "De meeste stemmen zijn niet altijd genoeg. Weinig mensen kunnen samen een goedkoop plan betalen;"
    " voor een duur plan zijn er veel nodig."
)
# By cost the least rate is first: what each pays of a euro. Its inverse is a number of voters, of whom one that has
# less than the others pay is that part of a voter.
TURN = {
    Utility.COST: N_(
        "Het plan met de meeste stemmers is het eerst aan de beurt. Na elke keuze wordt opnieuw gekeken. Wie voor een"
        " plan minder kan betalen dan de anderen, telt daarbij maar voor een deel mee. Zo'n plan kan dan later aan de"
        " beurt komen. Kunnen de stemmers het samen niet betalen, dan wordt het plan overgeslagen."
    ),
    Utility.NUMBER: N_("Steeds is het plan aan de beurt waarvoor ieder het minst hoeft te betalen."),
}
