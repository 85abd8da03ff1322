from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0008_erasure"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["campaign", "purpose", "needs_rating"], name="item_counted"),
        ),
        migrations.AddIndex(
            model_name="rating",
            index=models.Index(
                fields=["-updated_at"], condition=models.Q(flagged=True), name="rating_flagged"
            ),
        ),
    ]
