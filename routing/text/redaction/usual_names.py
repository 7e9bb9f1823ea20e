"""First names and surnames that are usual in Germany, in small letters; data only."""

import re

FIRST = frozenset(  # in small letters, as they all are
    re.findall(
        r"\S+",
        "achim adam ahmet aleksandra alexander alexandra ali alina andrea andreas angela angelika anita anja "
        "anke anna anne annegret annette anni antonia arda armin arne arno astrid axel aylin ayse ayşe "
        "barbara bastian beate bernd bernhard bert bettina birgit björn boris brigitte bruno bärbel carina "
        "carmen carola carolin carsten charlotte christa christel christian christiane christina christine "
        "christoph clara claudia cornelia dagmar damian daniel daniela david dennis detlef diana dieter "
        "dietmar dirk dominik doris dorothea edeltraud edith ekaterina elena elfriede elias elif elisabeth "
        "elke ella ellen else emine emma emre erna ernst erwin esra eva evelyn fabian fatma felix finn "
        "florian frank franz franziska friedhelm friedrich fritz gabi gabriele georg gerd gerda gerhard "
        "gerlinde gertrud gisela gudrun guido günter günther gustav halil hanna hannah hannelore hannes hans "
        "harald hartmut hasan hatice heike heiko heiner heinrich heinz helga helge helmut hendrik henning "
        "herbert hermann hilde hildegard holger horst hubert hüseyin ibrahim igor ilona ilse inga inge "
        "ingeborg ingo ingrid irene irina irmgard ivan jakob jan jana janina jannik jasmin jens jessica "
        "jochen johann johanna johannes jonas jörg josef jost judith julia julian jutta jürgen karin karl "
        "karla karsten katharina kathrin katja katrin kerstin kevin klara klaus konrad korbinian krzysztof "
        "kurt käthe lara lars laura lea leah lena leon leonie leyla lina linda lisa lothar louis luca lucas "
        "ludwig luis luisa lukas lutz magdalena maik maike malte mandy manfred manuel manuela marc marcel "
        "marco marcus mareike margarete margit margot margret maria marianne marie marina mario marion markus "
        "marlene marlies marta martin martina marvin mathias matthias maurice max maximilian mehmet melanie "
        "meike mia michael michaela michel mike miriam mohamed mohammed monika moritz murat mustafa nadine "
        "natalie natascha niklas nicole nico nils nina noah norbert olaf oliver olga oskar osman pascal "
        "patricia patrick paul paula peter petra philipp pia piotr rainer ralf ramona raphael rebecca regina "
        "reiner reinhard reinhold renate rené ricarda richard rita robert robin roland rolf roman ronny "
        "rosemarie rosi roswitha rudi rudolf rüdiger sabine sabrina salih samira samuel sandra sara sarah "
        "sascha saskia sebastian serkan sibylle siegfried sigrid silke silvia simon simone sofia sonja sophia "
        "sophie stefan stefanie steffen stephan stephanie susanne sven svetlana sylvia tanja tatjana theo "
        "theodor theresa thomas thorsten tim timo tina tobias tom torsten udo ulf uli ulrich ulrike ursula "
        "ute uwe valentina vanessa vera verena veronika viktor viktoria volker walter waltraud wanda werner "
        "wiebke wilfried wilhelm willi winfried wolfgang yannick yasemin yusuf yvonne zeynep zoe marek kalle "
        "uschi manni hansi susi conny steffi jenny olli basti chris alex toni",
    )
)
LAST = frozenset(
    re.findall(
        r"\S+",
        "müller schmidt schneider fischer weber meyer meier maier mayer wagner becker schulz schulze hoffmann "
        "schäfer bauer richter klein schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange "
        "schmitt schmitz krause lehmann schmid köhler herrmann walter könig huber kaiser fuchs peters lang "
        "scholz möller jung hahn schubert vogel friedrich keller günther berger winkler lorenz baumann franke "
        "albrecht schuster simon ludwig böhm winter kraus martin schumacher krämer vogt stein jansen janssen "
        "otto sommer groß seidel heinrich brandt haas schreiber graf dietrich ziegler kuhn kühn pohl engel "
        "horn busch bergmann thomas voigt sauer arnold wolff yilmaz yılmaz kaya demir öztürk sahin şahin "
        "aydin aydın özdemir arslan dogan doğan kilic kılıç nowak kowalski kaminski lewandowski",
    )
)
USUAL = FIRST | LAST
"""The first names and surnames that are looked for, in small letters."""
